"""moltrack"""
